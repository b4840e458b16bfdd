// What to paste where a monitoring tool asks for an address or a key. Pure.
export interface Address {
  label: string;
  text: string;
}

export function addresses(kind: string, value: string, origin: string): Address[] {
  if (kind === "events") return [{ label: "Routing key", text: value }, { label: "Address of the Events API v2", text: `${origin}/v2/enqueue` }];
  return [
    { label: "Any JSON", text: `${origin}/hooks/generic/${value}` },
    { label: "Alertmanager’s webhook", text: `${origin}/hooks/alertmanager/${value}` },
    { label: "As an Alertmanager, for Prometheus and vmalert", text: `${origin}/alertmanager/${value}` },
  ];
}

/** Where in the mapping a mistake is: "body.mapping/summary" is the field summary. */
export function mappingField(location: string | undefined): string {
  return (location ?? "").replace(/^body\.(mapping|body)\/?/, "").replace(/\//g, ".");
}

export const sample = `{
  "what": "Disk is full",
  "host": "db-1",
  "grade": 4,
  "nr": "disk-17",
  "over": false
}`;

export const example = `{
  "summary": "body.what + ' on ' + body.host",
  "severity": "body.grade >= 4 ? 'critical' : 'warning'",
  "dedup_key": "body.nr",
  "action": "body.over ? 'resolve' : 'trigger'"
}`;
