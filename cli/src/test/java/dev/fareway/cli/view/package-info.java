@NullMarked
package dev.fareway.cli.view;

import org.jspecify.annotations.NullMarked;
