package dev.fareway.node.core;

import java.util.Optional;

/**
 * What this kernel and our rights allow, found out by trying.
 *
 * @param cgroups why function pods' cgroups can't be seen; empty if they can
 * @param realTime why threads can't be given SCHED_FIFO; empty if they can
 * @param weights why pods can't be given a cpu.weight; empty if they can
 * @param idle why threads can't be given SCHED_IDLE; empty if they can
 */
public record Capabilities(
    Optional<String> cgroups,
    Optional<String> realTime,
    Optional<String> weights,
    Optional<String> idle) {}
