##! ACTION_EMAIL_ADMIN: mail to whoever `Site::local_admins` puts in charge of the addresses involved.

@load ../main
@load ../mail
@load base/utils/site

module Notice;

export {
    redef enum Action += { ACTION_EMAIL_ADMIN };
}

function add_admins_of(n: Notice::Info, a: addr) {
    local admins = Site::get_emails(a);

    if (admins != "")
        add n$email_dest[admins];
}

hook notice(n: Notice::Info) {
    if (ACTION_EMAIL_ADMIN !in n$actions || |Site::local_admins| == 0)
        return;

    if (n?$src)
        add_admins_of(n, n$src);

    if (n?$dst)
        add_admins_of(n, n$dst);
}
