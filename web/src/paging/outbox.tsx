export function OutboxScreen() { return <p>soon</p>; }
