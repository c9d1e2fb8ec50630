/** What one step shows: the large area, the controls beside it, and where focus goes. */

/** One step of the frame. */
export interface View {
  stage: Node[];
  panel: Node[];
  focus?: HTMLElement;
  /** Called when the step is left. */
  leave?: () => void;
}
