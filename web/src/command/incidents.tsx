export function IncidentsScreen() { return <p>soon</p>; }
