// Figures over time as the charts want them. Pure.
import type { Activity } from "../../backend/port";

/** The middle of every bucket, and counts as a rate per hour so that ranges can be compared. */
export function perHour({ from_at, bucket_s, sent, rejected, refused }: Activity): { at: number[]; sent: number[]; failed: number[] } {
  const rate = 3600 / bucket_s;
  return {
    at: momentsOf(from_at, bucket_s, sent.length),
    sent: sent.map((count) => count * rate),
    failed: rejected.map((count, n) => (count + (refused[n] ?? 0)) * rate),
  };
}

export function momentsOf(from_at: number, bucket_s: number, buckets: number): number[] {
  return Array.from({ length: buckets }, (_, n) => from_at + (n + 0.5) * bucket_s * 1000);
}
