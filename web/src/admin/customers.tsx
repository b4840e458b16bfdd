export function CustomersScreen() { return <p>soon</p>; }
