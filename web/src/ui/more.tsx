// Lists that come page by page: the rows so far and a button for the rest.
import { Button } from "@mantine/core";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Page } from "../api/types";
import { Failed, Loading } from "./pieces";

export function Listing<T>({ query, children, noun }: { query: UseInfiniteQueryResult<InfiniteData<Page<T>>>; children: (items: T[]) => ReactNode; noun: string }) {
  if (query.error && !query.data) return <Failed error={query.error} again={() => void query.refetch()} />;
  if (!query.data) return <Loading rows={6} />;
  const items = query.data.pages.flatMap((p) => p.items ?? []);
  return (
    <div aria-busy={query.isPlaceholderData || undefined} style={query.isPlaceholderData ? { opacity: 0.6 } : undefined}>
      {children(items)}
      {query.hasNextPage && (
        <div style={{ textAlign: "center", marginTop: 16 }}>
          <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Show more {noun}</Button>
        </div>
      )}
    </div>
  );
}
