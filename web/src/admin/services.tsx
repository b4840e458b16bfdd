export function ServicesScreen() { return <p>soon</p>; }
