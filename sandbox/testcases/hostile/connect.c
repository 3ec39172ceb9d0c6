// Connects with the one socket that it has, to somebody else.
#include "hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
  inet_pton(AF_INET, "198.51.100.1", &address.sin_addr);
  return connect(hostSocket, (struct sockaddr*)&address, sizeof(address)) != 0 ? 1 : notStopped;
}
