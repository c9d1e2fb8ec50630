/** Photos that come from outside the controls: dropped on the frame, or pasted. */

const firstFile = (data: DataTransfer | null): File | null => data?.files[0] ?? null;

/** Listens for dropped and pasted files; `hovering` tells whether a file is held over the frame. */
export function receiveFiles(received: (file: File) => void, hovering: (over: boolean) => void): void {
  const isFile = (event: DragEvent): boolean => !!event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    hovering(true);
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && hovering(false));
  addEventListener("drop", (event) => {
    // Otherwise the browser would leave the frame and show the file.
    event.preventDefault();
    hovering(false);
    const file = firstFile(event.dataTransfer);
    if (file) received(file);
  });
  addEventListener("paste", (event) => {
    const file = firstFile(event.clipboardData);
    if (file) received(file);
  });
}
