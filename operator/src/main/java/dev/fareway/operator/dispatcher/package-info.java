/** The dispatchers' sessions: the server side of the protocol. */
@NullMarked
package dev.fareway.operator.dispatcher;

import org.jspecify.annotations.NullMarked;
