/** The gradients of tfjs's own operations: its core package leaves them out under Node, and only the whole package registers them. */
import '@tensorflow/tfjs'
