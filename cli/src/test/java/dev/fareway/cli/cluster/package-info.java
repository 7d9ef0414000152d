@NullMarked
package dev.fareway.cli.cluster;

import org.jspecify.annotations.NullMarked;
