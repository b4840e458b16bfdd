// How the component library behaves; how it looks is in styles/.
import { Button, Checkbox, createTheme, Drawer, Modal, MultiSelect, Notification, Select, TagsInput, type MantineThemeOverride } from "@mantine/core";

// Scroll locking of the library writes a <style> element, which our content
// security policy refuses; styles/base.css locks scrolling with :has() instead.
const overlay = { closeButtonProps: { "aria-label": "Close" }, lockScroll: false, transitionProps: { duration: 120 }, overlayProps: { backgroundOpacity: 0.45 } };

// The list itself scrolls, not a region around it that nobody could reach by keyboard.
const list = { withScrollArea: false, styles: { options: { maxHeight: 280, overflowY: "auto" } } } as const;

export const theme: MantineThemeOverride = createTheme({
  primaryColor: "dark",
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { variant: "default" } }),
    Modal: Modal.extend({ defaultProps: { ...overlay, centered: true, radius: 14, size: 560 } }),
    Drawer: Drawer.extend({ defaultProps: overlay }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } }),
    Checkbox: Checkbox.extend({ defaultProps: { radius: 4 } }),
    Select: Select.extend({ defaultProps: list }),
    MultiSelect: MultiSelect.extend({ defaultProps: list }),
    TagsInput: TagsInput.extend({ defaultProps: list }),
  },
});
