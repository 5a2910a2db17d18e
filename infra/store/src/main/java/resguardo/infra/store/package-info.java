/** The archive store on S3 (MinIO and others) and in a folder. */
@NullMarked
package resguardo.infra.store;

import org.jspecify.annotations.NullMarked;
