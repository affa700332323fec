/// <reference types="node" />

export const now = 1;
