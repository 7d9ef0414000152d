package dev.fareway.activator.main;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class OptionsTest {
  @Test
  void check_passesWhatIsSetByDefault() {
    Options options = read();

    assertDoesNotThrow(options::check);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--discipline=fifo | --discipline is 'fifo': write price-times-wait or strict-price.",
        "--http-port=70000 | --http-port is '70000': write a port from 0 to 65535.",
        "--metrics-port=-1 | --metrics-port is '-1': write a port from 0 to 65535.",
        "--https-port=70000 | --https-port is '70000': write a port from 0 to 65535.",
        "--idle-connections=-1 | --idle-connections is '-1': write 0 or more.",
        "--tls-min-version=1.1 | '1.1' is not a lowest version of TLS: 1.2 and 1.3 are",
        "--queue-total=0 | --queue-total is '0': write 1 or more.",
        "--replicas=0 | --replicas is '0': write 1 or more.",
        "--node-concurrency=-1 | --node-concurrency is '-1': write 0 or more.",
        "--probe-timeout=fast | --probe-timeout is 'fast': write a duration such as 300ms.",
        "--autoscaler=autoscaler | --autoscaler is 'autoscaler': write HOST:PORT."
      })
  void check_namesOptionValueAndRemedy(String argument, String message) {
    Options options = read(argument);

    var refusal = assertThrows(IllegalArgumentException.class, options::check);

    assertEquals(message, refusal.getMessage());
  }

  private static Options read(String... arguments) {
    var options = new Options();
    new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(options)).parseArgs(arguments);
    return options;
  }
}
