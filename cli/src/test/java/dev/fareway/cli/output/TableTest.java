package dev.fareway.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fareway.cli.output.Table.Column;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private static Table table() {
    return new Table(List.of(Column.text("NAME"), Column.number("N")));
  }

  @Test
  void columns_areAsWideAsTheirWidestCell() {
    Table table = table();
    table.add("a", "1000");
    table.add("longer", "1");

    assertEquals("NAME        N\na        1000\nlonger      1\n", table.render());
  }

  @Test
  void controlCharacters_becomeBlanks() {
    Table table = table();
    table.add("a\u001b[2Jb\nc\u202ed", "1");

    assertEquals("NAME         N\na [2Jb c d   1\n", table.render());
  }

  @Test
  void row_ofTheWrongLength_isAnError() {
    assertThrows(IllegalArgumentException.class, () -> table().add("a"));
  }

  @Test
  void csv_quotesAndDefusesCells() {
    assertEquals(
        "a,\"b,c\",\"d\"\"e\",'=1+1,f g\r\n",
        Csv.line(List.of("a", "b,c", "d\"e", "=1+1", "f\ng")));
  }
}
