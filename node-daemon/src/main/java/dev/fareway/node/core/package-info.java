/**
 * What the node daemon decides: which thread policy, which idle list, when. Pure: no I/O, no clock,
 * no random source of its own.
 */
@NullMarked
package dev.fareway.node.core;

import org.jspecify.annotations.NullMarked;
