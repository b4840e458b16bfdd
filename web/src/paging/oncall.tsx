export function OnCallScreen() { return <p>soon</p>; }
