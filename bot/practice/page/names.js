// Names for ids, as the chosen member sees them: `me` are the mentions of that member.

export function namesFor(world, username) {
  const people = new Map(world.members.map((member) => [member.user.id, { ...member, id: member.user.id, username: member.user.username, bot: member.user.bot }]));
  const roles = new Map(Object.entries(world.roles).map(([name, id]) => [id, name.replace(/^@/, "")]));
  const channels = new Map([...world.channels, ...world.threads].map((channel) => [channel.id, channel.name]));
  const me = [...people.values()].find((one) => one.username === username);
  const person = (id) => people.get(id) ?? { id, name: "someone", colour: "#666", bot: false };
  return {
    person,
    user: (id) => person(id).name,
    role: (id) => roles.get(id) ?? "unknown role",
    channel: (id) => channels.get(id) ?? "unknown channel",
    isMe: (id) => id === me.id,
    isMine: (roleId) => me.roles.includes(roleId),
    everyone: [...people.values()],
  };
}
