/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table of settings. Adding one is adding a line: parser, --check, --dump-config and the manual page follow, and the roles
 * named in it receive it. A role that is not named can't learn the value.
 */
#include "daemon/conf/conf.h"

#define GATE IPC_GATE
#define CORE IPC_CORE
#define KEEPER IPC_KEEPER
#define PARENT CONF_PARENT

#define PATH_BYTES 1, 1000
#define SOCKET_BYTES 1, 107 /* sun_path */

static const char *const levels[] = { "error", "warn", "info", "debug", NULL };

static const struct conf_item items[] = {
	{ "listen", CONF_ENDPOINT, "", 1, 250, "tcp://127.0.0.1:5570", GATE,
	  "Where nodes connect: tcp://ADDRESS:PORT. Port 0 or * takes a free one, told on --ready-fd.", NULL },
	{ "data_dir", CONF_PATH, "", PATH_BYTES, "data", CORE | PARENT,
	  "Folder of the log and the queues. Made when it is absent.", NULL },
	{ "keeper_dir", CONF_PATH, "", PATH_BYTES, "keeper", KEEPER | PARENT,
	  "Folder where the keeper remembers the last head it signed. Outside data_dir, and never part of a restore: it is what "
	  "finds a log that was set back.", NULL },
	{ "control_socket", CONF_PATH, "", SOCKET_BYTES, "control.sock", CORE | PARENT,
	  "Unix socket for the operator's commands.", NULL },
	{ "transport_cert", CONF_PATH, "", PATH_BYTES, "keys/transport.cert", GATE | PARENT,
	  "CURVE certificate of the house; its secret half stands beside it with _secret added to the name.", NULL },
	{ "log_key", CONF_PATH, "", PATH_BYTES, "keys/log.key", KEEPER | PARENT,
	  "Key file that signs the log's checkpoints; its name is the log's origin.", NULL },
	{ "store_key", CONF_PATH, "", PATH_BYTES, "keys/store.key", CORE | PARENT,
	  "Key file under which casus keys are wrapped.", NULL },
	{ "key_store", CONF_PATH, "", PATH_BYTES, "keys/store.slots", CORE | PARENT,
	  "File of the casus keys, wrapped. Outside data_dir, and no part of its backups: what is destroyed here must be gone "
	  "everywhere. Keep one copy, its newest.", NULL },
	{ "rules_dir", CONF_PATH, "", PATH_BYTES, "rules", CORE | PARENT,
	  "Folder of the signed rules that are taken up at a start: register.note, kader.note, convenant-*.note.", NULL },
	{ "trust", CONF_PATH, "", PATH_BYTES, "trust", CORE | PARENT,
	  "Stewards' keys and quorum that the first register and kader are verified with.", NULL },
	{ "user", CONF_TEXT, "", 0, 64, "", PARENT,
	  "User to run as when started by root. Empty: stay who started it.", NULL },
	{ "log_level", CONF_TEXT, "", 0, 16, "warn", GATE | CORE | KEEPER | PARENT,
	  "What is written to the operational log.", levels },
	{ "max_message_kib", CONF_UINT, "KiB", 64, 1024, "1024", GATE | CORE,
	  "Largest message a node may send; a larger one ends its connection.", NULL },
	{ "max_connections", CONF_UINT, "", 2, 60000, "4000", GATE,
	  "Connections at the same time.", NULL },
	{ "handshake_ms", CONF_UINT, "ms", 100, 60000, "5000", GATE,
	  "How long a connection may take to prove its key.", NULL },
	{ "heartbeat_ms", CONF_UINT, "ms", 100, 600000, "15000", GATE,
	  "Interval of heartbeats on a silent connection; after three without an answer it is closed.", NULL },
	{ "session_idle_ms", CONF_UINT, "ms", 1000, 86400000, "900000", GATE,
	  "A session from which nothing came for this long is forgotten; the node's next message starts a new one.", NULL },
	{ "queue_messages", CONF_UINT, "", 16, 100000, "1000", GATE,
	  "Messages that may wait for one slow node (or from one fast one) in the transport.", NULL },
	{ "rate_per_node", CONF_UINT, "messages/s", 1, 1000000, "2000", GATE,
	  "Messages per second that one node may send.", NULL },
	{ "rate_burst", CONF_UINT, "", 1, 1000000, "4000", GATE,
	  "Messages that one node may send at once beyond its rate.", NULL },
	{ "verify_threads", CONF_UINT, "", 0, 8, "1", CORE,
	  "Threads that check signatures; 0 checks them in the core's own thread.", NULL },
	{ "batch_max", CONF_UINT, "", 1, 4096, "256", CORE,
	  "Messages committed together at most.", NULL },
	{ "in_flight_max", CONF_UINT, "", 1, 65536, "1024", CORE,
	  "Messages that the core takes from the gate before it has dealt with them; beyond it the gate stops reading.", NULL },
	{ "checkpoint_ms", CONF_UINT, "ms", 10, 600000, "1000", CORE,
	  "How often the state is written out under load; what a restart replays at most.", NULL },
	{ "checkpoint_interval_s", CONF_UINT, "s", 1, 86400, "10", CORE,
	  "How often at most a new head of the log is published to the witnesses, to be cosigned.", NULL },
	{ "witness_wait_ms", CONF_UINT, "ms", 0, 3600000, "2000", CORE,
	  "How long the first new head after a start waits for half of the known witnesses to show what they hold. Raise it after a "
	  "restore.", NULL },
	{ "map_gib", CONF_UINT, "GiB", 1, 16384, "64", CORE,
	  "Upper bound of the store's size. It takes address space, not disk.", NULL },
	{ "segment_mib", CONF_UINT, "MiB", 4, 1024, "64", CORE,
	  "Size of one journal segment; preallocated.", NULL },
	{ "skew_ms", CONF_UINT, "ms", 0, 3600000, "120000", CORE,
	  "How far a message's time may be from the house's own.", NULL },
	{ "replay_ms", CONF_UINT, "ms", 0, 31536000000, "86400000", CORE,
	  "How long a message's id is remembered at least, beyond its own term, to refuse a repeat.", NULL },
	{ "queue_days", CONF_UINT, "days", 1, 365, "30", CORE,
	  "How long a sealed message waits for a node that does not fetch it; then it is withdrawn, and its sender is told.", NULL },
	{ "not_taken_up_days", CONF_UINT, "days", 1, 30, "30", CORE,
	  "How long a casus is kept that was not taken up or ended in advice, from its first processing.", NULL },
	{ "dormant_days", CONF_UINT, "days", 0, 3650, "180", CORE,
	  "A mandate that nobody acted under for so long gives no right any more until its organisation hands it in again; 0: none falls "
	  "asleep.", NULL },
	{ "control_per_user", CONF_UINT, "", 1, 1000, "16", CORE,
	  "Connections to the control socket that one user may have.", NULL },
	{ "stop_grace_ms", CONF_UINT, "ms", 100, 600000, "10000", PARENT,
	  "How long each process may take to stop in good order.", NULL },
};

const struct conf_item *conf_items(size_t *n)
{
	*n = N_ELEMENTS(items);
	return items;
}
