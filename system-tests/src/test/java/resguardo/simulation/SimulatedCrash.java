package resguardo.simulation;

/** Thrown wherever a process is that was killed: nothing that it still does has any effect. */
final class SimulatedCrash extends Error {
  private static final long serialVersionUID = 1;

  SimulatedCrash() {
    super("killed", null, false, false);
  }
}
