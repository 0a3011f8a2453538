/** Which tensors of a checkpoint only training needs: present parameters and both moments. What is left (averages, statistics) draws. */
export const trainingPrefixes = ['solver', 'initializer'].flatMap((learner) =>
  ['parameters', 'first', 'second'].map((part) => `${learner}.${part}/`),
)

export function isTrainingTensor(name: string): boolean {
  return trainingPrefixes.some((prefix) => name.startsWith(prefix))
}
