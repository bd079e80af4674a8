/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every ceiling on hostile input, by name. Reaching one is an error or a note
 * that says so; nothing is cut silently. Sizes in bytes, times in milliseconds.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stddef.h>

#define LIMIT_FILE_SIZE         ((size_t)1 << 30) /* one file that is read whole */
#define LIMIT_CERTIFICATE_SIZE  ((size_t)1 << 20) /* one certificate's DER */
#define LIMIT_DIRECTORY_ENTRIES 100000            /* files in one directory that is read as a store */
#define LIMIT_NOTES             1000              /* notes kept of one store; the rest is counted */
#define LIMIT_ERRORS            200000 /* and of errors, which may follow when there are that many notes */
#define LIMIT_EXTENSIONS        256    /* extensions of one certificate */
#define LIMIT_NAME_PARTS        256    /* attributes of one distinguished name */
#define LIMIT_ARMOR_TYPE        128    /* the type of a PEM block, with the dashes behind it */
#define LIMIT_LABEL             1024   /* a label, alias or nickname */
#define LIMIT_JSON_DEPTH        16     /* nesting of an inventory */
#define LIMIT_JSON_ENTRY        ((size_t)4 << 20) /* one entry of an inventory */
#define LIMIT_INVENTORY_STORES  10000             /* stores of one inventory */
#define LIMIT_ATTACHED          32                /* extensions that a store attaches to one key */
#define LIMIT_PURPOSES_SIZE     4096 /* a list of purposes kept beside a certificate, bytes of DER */
#define LIMIT_BER_SIZE          ((size_t)64 << 20) /* PKCS#7 in BER, which takes several times its size */
#define LIMIT_BASES             100000             /* directories that one group of sites.conf finds */
#define LIMIT_CONFIG_SIZE       (4 << 20)          /* a configuration file that tells where stores are */
#define LIMIT_HOMES             10000              /* users whose homes are looked into */
#define LIMIT_SWEEP_FILE        ((size_t)4 << 30)  /* of one file, in which a scan looks for certificates */
#define LIMIT_LINKS             40                 /* symbolic links followed for one path, as the kernel's */
#define LIMIT_TOKEN_MS          30000              /* silence of a PKCS#11 helper before it is stopped */
#define LIMIT_TOKEN_RETRY_MS    5000               /* the same while the cause of such a silence is sought */
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

#define LIMIT_PBE_ROUNDS   16000000 /* hashes that passwords may cost for one file */
#define LIMIT_PKCS12_DEPTH 8        /* bags within bags */

#endif
