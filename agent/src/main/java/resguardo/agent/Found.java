package resguardo.agent;

import java.nio.file.Path;
import resguardo.core.version.Entry;

/**
 * Something that a walk came upon.
 *
 * @param entry what is to be recorded of it; without a digest
 * @param path where it can be opened, for as long as it is being visited
 * @param state what tells whether it was changed meanwhile
 */
record Found(Entry entry, Path path, FileState state) {}
