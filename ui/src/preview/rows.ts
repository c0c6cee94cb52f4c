// The tree as the list of rows that are seen: what is open, and a row of its own for everything that is to be known of a value. Pure.
import type { Remark } from "./places";
import { type Node, pathTo } from "./tree";

export type Row = { key: string; node: Node; remark: Remark | null; level: number; position: number; size: number; open: boolean | null };

export class Rows {
  readonly list: Row[] = [];
  #noted = new Map<string, Remark[]>();
  #begun = new Set<string>();

  /** `toggled`: what somebody opened or closed. What is to be known of a value is never hidden by what was closed at first. */
  constructor(roots: Node[], remarks: Remark[], toggled: ReadonlyMap<string, boolean>) {
    for (const remark of remarks) {
      const path = remark.value ? pathTo(roots, remark.value.report, remark.value.pointer) : [];
      const owner = path.at(-1);
      if (!owner) continue;
      path.slice(0, -1).forEach((node) => this.#begun.add(node.key));
      this.#noted.set(owner.key, [...(this.#noted.get(owner.key) ?? []), remark]);
    }
    this.#add(roots, 1, toggled);
  }

  at(key: string | null): number {
    return key === null ? -1 : this.list.findIndex((row) => row.key === key);
  }

  /** The row above in the tree, not in the list. */
  parentOf(at: number): number {
    const level = this.list[at]?.level ?? 0;
    return this.list.findLastIndex((row, other) => other < at && row.level < level);
  }

  #add(nodes: Node[], level: number, toggled: ReadonlyMap<string, boolean>): void {
    nodes.forEach((node, n) => {
      const open = node.leaf ? null : (toggled.get(node.key) ?? (node.begun || this.#begun.has(node.key)));
      this.list.push({ key: node.key, node, remark: null, level, position: n + 1, size: nodes.length, open });
      for (const [at, remark] of (this.#noted.get(node.key) ?? []).entries()) {
        this.list.push({ key: `${node.key}!${at}`, node, remark, level: level + 1, position: 1, size: 1, open: null });
      }
      if (open) this.#add(node.children(), level + 1, toggled);
    });
  }
}
