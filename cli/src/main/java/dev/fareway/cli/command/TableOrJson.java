package dev.fareway.cli.command;

/** How to print. */
enum TableOrJson {
  table,
  json
}
