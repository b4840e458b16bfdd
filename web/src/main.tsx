// Starts the console: styles in their order, the cache, the router.
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/mantine.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { newQueryClient } from "./api/queries";
import { newRouter } from "./app/router";
import { theme } from "./app/theme";
import { startWorker } from "./app/worker";

const client = newQueryClient();
const router = newRouter(client);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    {/* Without variables and classes of its own: they would be <style> elements, which our policy refuses. styles/ has them. */}
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Notifications position="bottom-center" limit={3} autoClose={6000} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

// The console works without it; pushes and the shell kept for a lost network do not.
void startWorker().catch(() => undefined);
