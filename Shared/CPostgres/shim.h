#ifndef GONOGO_CPOSTGRES_SHIM_H
#define GONOGO_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

// Discards the server's notices, which libpq would otherwise print to stderr.
static inline void gonogo_ignore_notice(void *context, const PGresult *result) {}
static inline void gonogo_ignore_notices(PGconn *connection) {
  PQsetNoticeReceiver(connection, gonogo_ignore_notice, 0);
}

// Return the five characters of an error's SQLSTATE, and its text in one line; NULL if the result has none.
static inline const char *gonogo_sqlstate(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}
static inline const char *gonogo_primary_message(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

#endif
