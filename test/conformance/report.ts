import { playInLab } from "./lab-world.ts";
import { type Answered, play } from "./play.ts";
import { describeExpectation, fits, questionsOf, type Scene, show } from "./question.ts";
import { SCENES } from "./scenes.ts";

/**
 * `npm run conformance -- [lab|twin] [SCENE …]`: what both worlds (or one) answer, side by side; `!` where it is not as
 * expected. The twin must be up.
 */
const words = process.argv.slice(2);
const worlds = ["lab", "twin"].filter((world) => words.includes(world) || !words.some((word) => isWorld(word)));
const wanted = words.filter((word) => !isWorld(word));
const SEED = 1;

let wrong = 0;
for (const scene of SCENES.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
  const answers = new Map<string, readonly Answered[]>();
  if (worlds.includes("lab")) answers.set("lab", await playInLab(scene, SEED));
  if (worlds.includes("twin")) answers.set("twin", await playInTwin(scene));
  print(scene, answers);
}
process.exitCode = wrong === 0 ? 0 : 1;

function isWorld(word: string): boolean {
  return word === "lab" || word === "twin";
}

async function playInTwin(scene: Scene): Promise<readonly Answered[]> {
  const { createTwinWorld } = await import("./twin-world.ts");
  const world = createTwinWorld();
  const startedAtMs = performance.now();
  try {
    return await play(world, scene);
  } finally {
    world.close();
    console.log(`(${scene.id} took the twin ${Math.round((performance.now() - startedAtMs) / 1000)} s)`);
  }
}

function print(scene: Scene, answers: ReadonlyMap<string, readonly Answered[]>): void {
  console.log(`\n# ${scene.id}`);
  for (const [index, question] of questionsOf(scene).entries()) {
    console.log(`\n${question.id}: ${question.asks}`);
    for (const [part, expectation] of Object.entries(question.expected)) {
      const columns = [...answers].map(([world, all]) => {
        const answer = all[index]?.answers[part];
        const isRight = fits(expectation, answer);
        if (!isRight) wrong += 1;
        return `${world} ${isRight ? "" : "! "}${show(answer)}`.padEnd(28);
      });
      console.log(`  ${part.padEnd(28)}${columns.join("")}expected ${describeExpectation(expectation)}`);
    }
    for (const [world, all] of answers) {
      const error = all[index]?.answers["error"];
      if (error !== undefined) console.log(`  ${world}: ${show(error)}`);
    }
  }
}
