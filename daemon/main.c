/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The program: which processes a house has, in the order in which they start.
 */
#include "daemon/parent/parent.h"

int main(int argc, const char **argv)
{
	static const struct parent_role roles[PARENT_ROLES] = {
		{ "keeper", IPC_KEEPER, keeper_role },
		{ "core", IPC_CORE, core_role },
		{ "gate", IPC_GATE, gate_role },
	};

	return parent_main(argc, argv, roles);
}
