@NullMarked
package dev.fareway.e2e.runner;

import org.jspecify.annotations.NullMarked;
