/**
 * Container images from the packages that the build makes, without a container engine: as archives
 * that {@code docker load}, {@code kind load image-archive} and {@code ctr images import} take.
 */
@NullMarked
package dev.fareway.images;

import org.jspecify.annotations.NullMarked;
