/**
 * Commands that a node's own administrator wants to be run before and after backups, such as a dump
 * of a database. They come from a file of the node, and nothing that comes over the wire is a part
 * of them.
 */
@NullMarked
package resguardo.agent.hook;

import org.jspecify.annotations.NullMarked;
