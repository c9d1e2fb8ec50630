/** The camera inside the frame, for computers; phones open their own camera app from a file input. */
import { button, h, icon } from "./dom";
import { photoOf, type Photo } from "./photo";
import { say } from "./strings";
import type { View } from "./view";

/** True where a file input with `capture` opens the phone's own camera. */
export const hasCameraApp = (): boolean => matchMedia("(pointer: coarse)").matches;

/** True where a picture from the camera can be had at all. */
export const hasCamera = (): boolean => hasCameraApp() || !!(navigator.mediaDevices as MediaDevices | undefined)?.getUserMedia;

/** Opens the camera; rejects when there is none or it is not allowed. */
export async function cameraView(
  facing: "environment" | "user",
  bytesMax: number,
  taken: (photo: Photo) => void,
  failed: (error: unknown) => void,
  back: () => void,
): Promise<View> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: facing, width: { ideal: 1920 } } });
  const video = h("video", { class: "viewfinder", playsinline: true, muted: true, autoplay: true });
  // The attribute alone does not silence a video made by a script.
  video.muted = true;
  video.srcObject = stream;
  const shoot = (): void => {
    photoOf(video, video.videoWidth, video.videoHeight, bytesMax).then(taken, failed);
  };
  const shutter = button("primary", say("shutter"), shoot, icon("camera"));
  return {
    stage: [video],
    panel: [h("div", { class: "actions" }, shutter, button("secondary", say("back"), back, icon("back")))],
    focus: shutter,
    leave: () => stream.getTracks().forEach((track) => track.stop()),
  };
}
