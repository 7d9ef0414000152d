package dev.fareway.operator.archive;

/** Which of a month's reports: of a namespace, a page of it. */
record ReportId(String namespace, int page) {}
