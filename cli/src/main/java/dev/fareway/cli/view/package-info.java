/** What is shown, worked out from what an API server says. Pure functions. */
@NullMarked
package dev.fareway.cli.view;

import org.jspecify.annotations.NullMarked;
