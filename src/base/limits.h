/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every ceiling on hostile input, by name. Reaching one is an error or a note
 * that says so; nothing is cut silently. Sizes in bytes, times in milliseconds.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#define LIMIT_FILE_SIZE         ((size_t)1 << 30)  /* one file that is read whole */
#define LIMIT_FILE_UNKNOWN      ((size_t)16 << 20) /* of it, until it is known what it is */
#define LIMIT_CERTIFICATE_SIZE  ((size_t)1 << 20)  /* one certificate's DER */
#define LIMIT_PIPE_MS           10000              /* until somebody opens a FIFO to write to it */
#define LIMIT_DIRECTORY_ENTRIES 100000             /* files in one directory that is read as a store */
#define LIMIT_NOTES             1000               /* notes kept of one store; the rest is counted */
#define LIMIT_ERRORS            200000 /* and of errors, which may follow when there are that many notes */
#define LIMIT_EXTENSIONS        256    /* extensions of one certificate */
#define LIMIT_ENTRY_EXTENSIONS  16     /* extensions of one entry of a CRL, of one answer of OCSP */
#define LIMIT_NAME_PARTS        256    /* attributes of one distinguished name */
#define LIMIT_ARMOR_TYPE        128    /* the type of a PEM block, with the dashes behind it */
#define LIMIT_LABEL             1024   /* a label, alias or nickname */
#define LIMIT_JSON_DEPTH        16     /* nesting of an inventory */
#define LIMIT_JSON_ENTRY        ((size_t)4 << 20) /* one entry of an inventory */
#define LIMIT_INVENTORY_STORES  10000             /* stores of one inventory */
#define LIMIT_ATTACHED          32                /* extensions that a store attaches to one key */
#define LIMIT_PURPOSES_SIZE     4096 /* a list of purposes kept beside a certificate, bytes of DER */
#define LIMIT_BER_SIZE          ((size_t)64 << 20) /* PKCS#7 or PKCS#12 in BER, which takes several times its size */
#define LIMIT_SPOTS             10000              /* stores of one host */
#define LIMIT_BASES             100000             /* directories that one group of sites.conf finds */
#define LIMIT_CONFIG_SIZE       (4 << 20)          /* a configuration file that tells where stores are */
#define LIMIT_HOMES             10000              /* users whose homes are looked into */
#define LIMIT_SWEEP_FILE        ((size_t)4 << 30) /* of one file, in which a scan looks for certificates */
#define LIMIT_BER_DEPTH         32                /* elements within elements of BER that is not PKCS#7's */
#define LIMIT_LINKS             40                /* symbolic links followed for one path, as the kernel's */
#define LIMIT_TOKEN_MS          30000             /* silence of a PKCS#11 helper before it is stopped */
#define LIMIT_TOKEN_RETRY_MS    5000              /* the same while the cause of such a silence is sought */
#define LIMIT_TOKEN_ALL_MS      600000  /* a PKCS#11 helper's life, or the search for the cause of a death */
#define LIMIT_TOKEN_CPU         600     /* seconds of processor time of a PKCS#11 helper */
#define LIMIT_TOKEN_RUNS        200     /* PKCS#11 helpers that are started for one place */
#define LIMIT_TOKEN_SLOTS       1024    /* slots of one PKCS#11 module */
#define LIMIT_TOKEN_OBJECTS     1000000 /* objects of one PKCS#11 token */
#define LIMIT_TOKEN_WORDS       16384   /* of what a PKCS#11 helper prints; the rest is dropped */
#define LIMIT_TOKEN_LINES       20      /* of these, in lines that become notes */
#define LIMIT_TOKEN_RECORD      ((size_t)16 << 20)  /* one record from a PKCS#11 helper */
#define LIMIT_TOKEN_TOTAL       ((size_t)512 << 20) /* all records of one helper, or all files copied for it */
#define LIMIT_TOKEN_MEMORY      ((size_t)4 << 30)   /* address space of a PKCS#11 helper */

#define LIMIT_PROOF_AGE                                                                                      \
	((int64_t)10 * 86400)  /* seconds that a CRL or OCSP answer without nextUpdate is believed */
#define LIMIT_SIGNERS       32 /* certificates tried as the signer of one CRL or OCSP answer */
#define LIMIT_SIGNED_BYTES  ((size_t)256 << 20) /* hashed in the search for the signer of one CRL */
#define LIMIT_INQUIRY_DEPTH 4                   /* signers of evidence about signers of evidence */
#define LIMIT_INQUIRIES     200                 /* signers asked about for one certificate */
#define LIMIT_COMPLAINTS    4 /* told of the evidence about one certificate that was of no use */
#define LIMIT_OCSP_SIZE     ((size_t)16 << 20) /* one OCSP response */
#define LIMIT_PROOFS        100000             /* CRLs and OCSP responses of one file */

#define LIMIT_NAMES_TOLD      8                 /* names that one reason lists, and reasons of one rule */
#define LIMIT_CONSTRAINT_WORK ((size_t)1 << 20) /* comparisons of names with subtrees, for one target */

/* Archives and images: for all levels of one together. */
#define LIMIT_IMAGE_MS      300000 /* its reading; checked between blocks */
#define LIMIT_IMAGE_IDLE_MS 20000  /* without a step forward */
#define LIMIT_IMAGE_DEPTH   8      /* archives in archives */
#define LIMIT_IMAGE_ENTRIES 1000000
#define LIMIT_IMAGE_NAMES   ((size_t)128 << 20)   /* bytes of their names and links */
#define LIMIT_IMAGE_BYTES   (UINT64_C(256) << 30) /* bytes that come out of it */
#define LIMIT_IMAGE_RATIO   100                   /* and for each that goes in, */
#define LIMIT_IMAGE_FREE    (UINT64_C(512) << 20) /* beyond these, which may come out of any */
#define LIMIT_IMAGE_PATH    4000                  /* one name, or where a link points to */
#define LIMIT_IMAGE_PARTS   100                   /* folders of one path */
#define LIMIT_IMAGE_WORK    100000000             /* steps for what hides what */
#define LIMIT_IMAGE_HEAD    ((size_t)256 << 10)   /* of a file, kept until it is known whether it is wanted */
#define LIMIT_IMAGE_AHEAD   ((size_t)8 << 20)     /* told by a process before its turn, and kept */
#define LIMIT_IMAGE_FILE    ((size_t)32 << 20)    /* what is kept of one file */
#define LIMIT_IMAGE_FILES   100000                /* files that are kept */
#define LIMIT_IMAGE_KEPT    ((size_t)256 << 20)   /* of all files */
#define LIMIT_IMAGE_SPOOL   ((size_t)32 << 20) /* a zip in an archive that is read by its table of contents */
#define LIMIT_IMAGE_MEMORY  ((size_t)768 << 20) /* address space of the process that reads it */
#define LIMIT_IMAGE_JSON    ((size_t)4 << 20)   /* a manifest, an index or a configuration */
#define LIMIT_IMAGE_LAYERS  1024                /* layers of one image */
#define LIMIT_IMAGE_ENV     1024                /* variables that its configuration sets */
#define LIMIT_IMAGE_COUNT   64                  /* images in one archive */

#define LIMIT_LOCK_MS         120000 /* waiting for another run, or for the distribution's tool */
#define LIMIT_RUN_MS          600000 /* a program of the distribution that is told of a change */
#define LIMIT_RUN_WORDS       16384  /* of what it prints; the rest is dropped */
#define LIMIT_HISTORY         200    /* entries of the history that are kept, */
#define LIMIT_HISTORY_SIZE    ((uint64_t)128 << 20) /* and their bytes; older ones go */
#define LIMIT_HISTORY_ENTRY   ((size_t)512 << 20)   /* one entry that is read */
#define LIMIT_HISTORY_TOUCHED 100000                /* paths of one entry */
#define LIMIT_PACKED          200001 /* files of one archive that we wrote: two a path, and one */

#define LIMIT_PBE_ROUNDS   16000000 /* hashes that passwords may cost for one file */
#define LIMIT_PKCS12_DEPTH 8        /* bags within bags */

#define LIMIT_POOL         16384 /* certificates given beside targets that a judge keeps in memory, and names */
#define LIMIT_POOL_SIZE    ((size_t)64 << 20) /* and their bytes */
#define LIMIT_RSA_BITS     16384 /* the modulus of a key that is used; a check costs its square */
#define LIMIT_RSA_EXPONENT 8     /* octets of its public exponent: each bit costs a multiplication */
#define LIMIT_DSA_BITS     4096  /* of a DSA key that is used */
#define LIMIT_DSA_ORDER    33    /* octets of its q */
#define LIMIT_GIVEN        20000 /* certificates given with one target; those behind are not looked at */
#define LIMIT_SIGNATURES   400   /* signatures checked for one target; a costly one is several */
#define LIMIT_EVIDENCE     2000  /* and once more so many, for CRLs and OCSP answers and who signed them */
#define LIMIT_STEPS        20000 /* issuers that are tried for one target, also those known from memory */
#define LIMIT_PATHS        200   /* candidate paths that are judged for one target */
#define LIMIT_ATTEMPTS     32    /* of these, those whose reasons are kept */
#define LIMIT_PROVEN       65536 /* signatures of certificates that are remembered */
#define LIMIT_KEYS         16384 /* public keys that are kept from one target to the next */
#define LIMIT_REASON       1024  /* the text of a reason, bytes */
#define LIMIT_WISHES       64    /* things that would have helped, for one target */

/* A file that is fetched from the network; times in milliseconds where nothing else is said. */
#define LIMIT_FETCH_SIZE         ((size_t)256 << 20) /* of it */
#define LIMIT_FETCH_MS           300000              /* for all of it */
#define LIMIT_FETCH_CONNECT_MS   30000               /* until there is a connection */
#define LIMIT_FETCH_SLOW_BYTES   1000                /* a second, on the average of */
#define LIMIT_FETCH_SLOW_SECONDS 30                  /* so many seconds: slower is given up */
#define LIMIT_FETCH_REDIRECTS    5
#define LIMIT_FETCH_URL          8192
#define LIMIT_FETCH_MESSAGE      ((size_t)64 << 20) /* one message to or from the program that fetches */
#define LIMIT_FETCH_AUTHORITIES                                                                              \
	((size_t)16 << 20)                   /* certificates of authorities that it is given, as PEM         \
					      */
#define LIMIT_FETCH_MEMORY ((size_t)2 << 30) /* its address space */

#define LIMIT_PROCESSES 100000             /* processes that are asked whether they hold a store */
#define LIMIT_MAPS      ((size_t)16 << 20) /* what one of them says of its memory */

#endif
