/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * daemon/ipc: any stream of bytes is a row of frames that the table allows, and then either waits for more or ends the connection.
 * The first byte chooses who listens to whom; the second, in how large pieces the bytes come.
 *
 * LINKS: kp_ipc
 */
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/ipc/ipc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct {
	enum ipc_role self, peer;
} ends[] = {
	{ IPC_CORE, IPC_GATE }, { IPC_GATE, IPC_CORE }, { IPC_KEEPER, IPC_CORE }, { IPC_CORE, IPC_KEEPER }, { IPC_CORE, IPC_CLIENT },
	{ IPC_CLIENT, IPC_CORE },
};

/* Every whole frame that is there; true when the connection is over. */
static bool frames_take(struct ipc *ipc, enum ipc_role self, enum ipc_role peer, size_t *n_bytes)
{
	struct ipc_frame frame;
	int r;

	while ((r = ipc_next(ipc, &frame)) == IPC_OK) {
		const struct ipc_verb_info *info = ipc_verb_info(frame.verb);

		ASSERT(info && info->from == peer && info->to == self);
		ASSERT(frame.body.len >= info->min_bytes && frame.body.len <= info->max_bytes);
		(void)span_is_zero(frame.body); /* every byte is there to be read */
		*n_bytes += IPC_HEADER_BYTES + frame.body.len;
	}
	ASSERT(r == IPC_E_NONE || r == IPC_E_BAD);
	return r == IPC_E_BAD;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(ipc_freep) struct ipc *ipc = NULL;
	size_t piece, given = 0, taken = 0, which;
	bool over = false;
	int pair[2];

	if (len < 2 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair))
		return 0;
	which = data[0] % N_ELEMENTS(ends);
	piece = data[1] ? data[1] : 4096;
	data += 2;
	len -= 2;
	if (ipc_new(pair[0], ends[which].self, ends[which].peer, 1u << 20, &ipc)) {
		close(pair[0]);
		close(pair[1]);
		return 0;
	}
	while (given < len && !over) {
		size_t n = piece < len - given ? piece : len - given;

		ASSERT(write(pair[1], data + given, n) == (ssize_t)n);
		given += n;
		ASSERT(ipc_read(ipc) == IPC_OK);
		over = frames_take(ipc, ends[which].self, ends[which].peer, &taken);
		ASSERT(taken <= given);
	}
	close(pair[1]);
	return 0;
}
