// What the fake backend can play. Each is one situation a person meets.

export const scenarios = ["empty", "healthy", "outage", "crash", "many", "backlog", "damaged"] as const;
export type Scenario = (typeof scenarios)[number];

export function isScenario(name: string | null): name is Scenario {
  return scenarios.some((scenario) => scenario === name);
}
