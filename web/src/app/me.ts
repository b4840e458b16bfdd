// Who is signed in, and what that means for the screens.
import { useQuery } from "@tanstack/react-query";
import { q } from "../api/queries";
import type { Account } from "../api/types";

export function useMe(): Account | undefined {
  return useQuery(q.session()).data?.account;
}
