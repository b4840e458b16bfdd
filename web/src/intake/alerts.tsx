export function AlertsScreen() { return <p>soon</p>; }
