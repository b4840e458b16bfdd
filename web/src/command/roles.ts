// The roles of the war room with their duties, as the procedure in force says.
import { useQuery } from "@tanstack/react-query";
import { q } from "../api/queries";
import type { RoleRule } from "../api/types";

/** As they are usually called: for a screen that may not read the procedure. */
export const usual: RoleRule[] = [["incident_commander", "Incident commander"], ["technical_lead", "Technical lead"], ["customer_communications_lead", "Customer communications lead"], ["scribe", "Scribe"]].map(([id, title]) => ({ id: id!, title: title!, duties: [] }));

export function useRoles(): RoleRule[] {
  const said = useQuery(q.procedure()).data?.roles;
  return said && said.length > 0 ? said : usual;
}
