@NullMarked
package dev.fareway.cli.command;

import org.jspecify.annotations.NullMarked;
