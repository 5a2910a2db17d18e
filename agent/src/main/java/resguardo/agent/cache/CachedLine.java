package resguardo.agent.cache;

import resguardo.core.RawPath;

/**
 * A line of the base, and the state of its file when it was read.
 *
 * @param name of its entry
 * @param state the mark of the state; 0: it stands for nothing
 * @param line without its newline
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared as a whole
public record CachedLine(RawPath name, long state, byte[] line) {}
