/* `lineside ctl`: trust lists shown, verified, planned and made, without the
 * daemon. */
#ifndef LINESIDE_CTL_H
#define LINESIDE_CTL_H

/* argv[0] is "ctl". `file`: the configuration, NULL the usual one; `socket`:
 * the daemon's, NULL as configured. Exit code. */
int ctl_command(int argc, char **argv, const char *file, const char *socket);

#endif
