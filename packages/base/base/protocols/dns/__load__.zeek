@load ./consts
@load ./main
@load ./answers
@load ./check-event-handlers
