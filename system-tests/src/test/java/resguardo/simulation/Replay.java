package resguardo.simulation;

import java.io.IOException;

/** Runs seeds in a program of its own, and prints what tells equal runs from others. */
final class Replay {
  private Replay() {}

  /** The seeds are the arguments; a line for each is printed. */
  public static void main(String[] seeds) throws IOException {
    for (String seed : seeds) {
      System.out.println(new Simulation(Long.parseLong(seed), Mutant.NONE, null).run().hash());
    }
  }
}
