import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
export async function engineUnderTest() {
  await tf.setBackend('cpu')
  return { kind: 'cpu', close() {} }
}
