export function ProcedureScreen() { return <p>soon</p>; }
